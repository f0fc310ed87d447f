import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { loadLanguageDetector } from '../languages/language-detector.js';
import { defaultCacheFolder } from '../installation.js';
import { preloadVideoSdk } from '../room/videosdk/index.js';

/** Loads what a meeting needs, and takes time: a spare process does it before there is a meeting. */
export async function preload(): Promise<void> {
  await Promise.all([
    preloadVideoSdk(defaultCacheFolder()),
    ...[loadResampler(), loadSpeechDetector(), loadLanguageDetector()],
  ]);
}
