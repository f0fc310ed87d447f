/** Which of several audio tracks is heard. Pure. */
import { ParleyError } from '../errors.js';

/** What is known of a track; `speechMs` is undefined where nobody has listened to it. */
export type TrackCandidate = { isDefault: boolean; speechMs: number | undefined };

/** So much speech shows that a track is somebody's. */
export const ENOUGH_SPEECH_MS = 1_000;

/** The order in which tracks are listened to until one has speech: the default one first, then as they are in the file. */
export function tracksToTry(tracks: readonly Pick<TrackCandidate, 'isDefault'>[]): number[] {
  const indices = tracks.map((_, index) => index);
  return indices.sort((a, b) => Number(tracks[b]!.isDefault) - Number(tracks[a]!.isDefault) || a - b);
}

/** The track with speech, the default one if it has any; without speech anywhere the default one, or the first. */
export function chooseTrack(tracks: readonly TrackCandidate[]): number {
  const order = tracksToTry(tracks);
  const speechOf = (index: number) => tracks[index]!.speechMs ?? 0;
  const enough = order.find((index) => speechOf(index) >= ENOUGH_SPEECH_MS);
  if (enough !== undefined) return enough;
  return order.reduce((best, index) => (speechOf(index) > speechOf(best) ? index : best), order[0]!);
}

/** The index of the track that was asked for, counted from 1. @throws ParleyError `usage` when there is none. */
export function askedTrack(asked: number, trackCount: number): number {
  if (asked >= 1 && asked <= trackCount) return asked - 1;
  const has = trackCount === 1 ? 'one audio track' : `${trackCount} audio tracks`;
  throw new ParleyError('usage', `it has ${has}: there is no --audio-track ${asked}`);
}

/** Tells that there are several tracks, and which one is heard. Empty for a single one. */
export function tracksNote(tracks: readonly TrackCandidate[], chosen: number): string[] {
  if (tracks.length < 2) return [];
  const { isDefault, speechMs } = tracks[chosen]!;
  const why = (speechMs ?? 0) > 0 ? 'it has speech' : isDefault ? 'the default one' : 'none has speech';
  return [
    `it has ${tracks.length} audio tracks; track ${chosen + 1} is heard (${why}): choose with --audio-track`,
  ];
}
