/** A meeting process: started by a supervisor, which gives it everything over its channel and nothing by argv or environment. */
import { keepYoungGenerationSmall } from '../young-generation.js';
import { backendOf, platformOf } from './makers.js';
import { preload } from './preload.js';
import { runMeetingProcess } from './run.js';

keepYoungGenerationSmall();
await runMeetingProcess({ openPlatform: platformOf, openBackend: backendOf, preload });
