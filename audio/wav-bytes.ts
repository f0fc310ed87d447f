/** A file whose bytes are read where they are needed. */
export interface WavBytes {
  readonly sizeBytes: number;
  /** Bytes from `at` on: `length` of them, or fewer at the end of the file. */
  read(at: number, length: number): Uint8Array;
}
