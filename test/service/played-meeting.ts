import { type ServiceWorld, until } from './service-world.js';

/** Meetings of a service whose supervisor is played: invited, joined, and what people say in them. */
export class PlayedMeetings {
  readonly #world: ServiceWorld;

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  /** A bot that has been invited and is in its meeting. */
  async invited(meetingId: string, more: object = {}): Promise<{ id: string; epoch: number }> {
    const { supervisor } = this.#world;
    const { json } = await this.#world.api('POST', '/v1/bots', { meetingId, ...more });
    const { id } = json as { id: string };
    const { epoch } = await until(
      () => supervisor.started.find(({ botId }) => botId === id)!,
      (started) => (started as unknown) !== undefined,
    );
    for (const state of ['joining', 'active'] as const) supervisor.state(id, state);
    supervisor.happens(id, {
      ...{ type: 'started', time: '2026-03-02T10:00:00.000Z', meetingId, participantId: 'parley-1' },
      ...{ name: 'Parley', place: 'p', interpreter: 'i' },
    } as never);
    return { id, epoch };
  }

  joined(id: string, person: string, more: object = {}): void {
    this.#world.supervisor.happens(id, {
      type: 'joined',
      person: { id: person, name: person.toUpperCase(), isBot: false, speaks: ['en'], ...more },
    } as never);
  }

  /** Says something in English; its place in the meeting is half a minute a number. */
  said(id: string, number: number, speakerId: string, text: string): void {
    this.#world.supervisor.happens(id, {
      ...{ type: 'caption', kind: 'speech', segmentId: `s${number}`, turnId: `t${number}`, part: 0 },
      ...{ speakerId, speakerName: speakerId.toUpperCase(), sourceLanguage: 'en', targetLanguage: 'es' },
      ...{ sourceText: text, translatedText: `(es) ${text}`, original: true, final: true },
      ...{ startMs: number * 30_000, endMs: number * 30_000 + 2_000 },
    } as never);
  }
}
