/** To be imported first: as in `parley` itself, the young generation is kept small before what is measured is loaded. */
import { keepYoungGenerationSmall } from '../../../src/young-generation.js';

keepYoungGenerationSmall();
