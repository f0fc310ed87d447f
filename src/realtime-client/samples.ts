/** Samples of a typed array or of a buffer of PCM16. Throws an Error for half a sample. */
export function samplesOf(audio: Int16Array | ArrayBuffer): Int16Array {
  if (audio instanceof Int16Array) return audio;
  if (audio.byteLength % 2 === 1)
    throw new Error('PCM16 has two bytes per sample: the buffer ends in half a sample');
  return new Int16Array(audio);
}
