/**
 * Who is speaking, from the level that clients write into each audio packet (RFC 6464: 0 is as loud as can be, 127 is
 * silence). Somebody who speaks keeps the floor through short pauses, so that the answer does not flicker.
 */

/** Quieter than this is not speech, dBov. */
const SPEECH_DBOV = -50;
/** How much louder another one must be to take over from somebody who still speaks, dB. */
const TAKEOVER_DB = 6;
/** A pause this long gives up the floor. */
const HOLD_MS = 800;
/** How fast a past level is forgotten. */
const DECAY_DB_PER_SECOND = 40;

type Voice = { levelDbov: number; atMs: number; spokeAtMs: number };

export class ActiveSpeaker {
  readonly #voices = new Map<string, Voice>();
  #current: string | undefined;

  /** One packet's level, `dbov` at most 0. */
  level(speakerId: string, dbov: number, atMs: number): void {
    const voice = this.#voices.get(speakerId);
    const spokeAtMs = dbov > SPEECH_DBOV ? atMs : (voice?.spokeAtMs ?? -Infinity);
    if (voice === undefined) {
      this.#voices.set(speakerId, { levelDbov: dbov, atMs, spokeAtMs });
      return;
    }
    voice.levelDbov = Math.max(dbov, levelAt(voice, atMs));
    voice.atMs = atMs;
    voice.spokeAtMs = spokeAtMs;
  }

  /** Muted, or gone. */
  remove(speakerId: string): void {
    this.#voices.delete(speakerId);
  }

  /** Who has the floor now; undefined when nobody does. */
  at(nowMs: number): string | undefined {
    const current = this.#current === undefined ? undefined : this.#voices.get(this.#current);
    const speaking = current !== undefined && nowMs - current.spokeAtMs <= HOLD_MS;
    let best = speaking ? this.#current : undefined;
    let toBeat = speaking ? levelAt(current, nowMs) + TAKEOVER_DB : SPEECH_DBOV;
    for (const [id, voice] of this.#voices) {
      if (id === this.#current || nowMs - voice.spokeAtMs > HOLD_MS) continue;
      const level = levelAt(voice, nowMs);
      if (level > toBeat) {
        best = id;
        toBeat = level;
      }
    }
    this.#current = best;
    return best;
  }
}

function levelAt(voice: Voice, nowMs: number): number {
  return voice.levelDbov - (Math.max(0, nowMs - voice.atMs) / 1000) * DECAY_DB_PER_SECOND;
}
