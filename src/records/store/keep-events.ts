/** A meeting's events become its record: people, words, cost, and what others are told of them. */
import { and, eq, sql } from 'drizzle-orm';
import type { BotEvent } from '../../bot/event-log.js';
import type { JoinEventOf } from '../../bot/events.js';
import type { Orm } from '../../database/database.js';
import { botAttempts, botEvents, bots, people, segments, webhooks } from '../../database/schema.js';
import { botState } from './bot-states.js';
import { addBotEvent } from './bots.js';
import { deleteNote, insertNote, updateNote } from './notes.js';
import { addToOutbox, type NewOutboxEvent } from './outbox.js';
import { personLeft, seePerson } from './people.js';
import { insertSegments, type NewSegment } from './segments.js';
import { keepToolCall } from './tool-calls.js';
import { keepUsage } from './usage.js';

/**
 * Keeps events of one process, in the order of their `seq`, and resolves to the `seq` up to which they are in the database
 * once the transaction is committed; undefined where there is no such process. Events that were kept before are left out, so
 * they can be given again after a failure; those of an earlier claim are kept, too: they were said. What was erased does not
 * come back.
 */
export async function keepEvents(
  tx: Orm,
  of: { botId: string; epoch: number },
  events: readonly BotEvent[],
): Promise<number | undefined> {
  const [bot] = await tx.select().from(bots).where(eq(bots.id, of.botId)).for('update');
  const thisAttempt = and(eq(botAttempts.botId, of.botId), eq(botAttempts.epoch, of.epoch));
  const [attempt] = await tx.select().from(botAttempts).where(thisAttempt).for('update');
  if (bot === undefined || attempt === undefined) return undefined;
  const fresh = events.filter(({ seq }) => seq > attempt.acknowledgedSeq);
  const last = fresh.at(-1);
  if (last === undefined) return attempt.acknowledgedSeq;

  const begun = fresh.find((event) => event.type === 'started');
  const startedAt = begun === undefined ? attempt.startedAt : new Date(begun.time);
  if (bot.erasedAt === null) {
    const batch = new Batch(tx, {
      ...{ botId: of.botId, epoch: of.epoch, workspaceId: bot.workspaceId, startedAt },
      isRecorded: await isAnnounced(tx, of, begun?.recorded === true),
      about: { id: bot.id, meetingId: bot.meetingId, state: botState(bot.state), metadata: bot.metadata },
    });
    await batch.keep(fresh);
  }
  await tx.update(botAttempts).set({ acknowledgedSeq: last.seq, startedAt }).where(thisAttempt);
  return last.seq;
}

/**
 * Whether people are told, as they come, that a record is kept: a process says so once, at its beginning, and the history of
 * the meeting keeps it.
 */
async function isAnnounced(
  tx: Orm,
  { botId, epoch }: { botId: string; epoch: number },
  isSaidNow: boolean,
): Promise<boolean> {
  if (isSaidNow) {
    await addBotEvent(tx, { botId, kind: 'recorded', detail: { epoch } });
    return true;
  }
  const said = sql`${botEvents.detail} ->> 'epoch' = ${String(epoch)}`;
  return (
    (await tx.$count(botEvents, and(eq(botEvents.botId, botId), eq(botEvents.kind, 'recorded'), said))) > 0
  );
}

type About = {
  botId: string;
  epoch: number;
  workspaceId: string;
  startedAt: Date;
  /** People are told that a record is kept. */
  isRecorded: boolean;
  about: Readonly<Record<string, unknown>>;
};

/** Some events of one process on their way into the database. */
class Batch {
  readonly #tx: Orm;
  readonly #of: About;
  readonly #outgoing: NewOutboxEvent[] = [];

  constructor(tx: Orm, of: About) {
    this.#tx = tx;
    this.#of = of;
  }

  async keep(events: readonly BotEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type === 'joined' || event.type === 'changed' || event.type === 'left')
        await this.#person(event);
    }
    await this.#words(events);
    for (const event of events) if (event.type === 'note') await this.#note(event);
    await this.#toolCalls(events.filter((event) => event.type === 'tool'));
    const used = events.findLast((event) => 'cost' in event && event.cost !== undefined);
    if (used !== undefined && 'cost' in used && used.cost !== undefined) {
      const { usd, audioMs } = used.cost;
      await keepUsage(this.#tx, this.#of, [
        { model: 'interpretation', kind: 'audio_ms', units: audioMs, usd },
      ]);
    }
    await addToOutbox(this.#tx, this.#outgoing);
  }

  async #person(event: JoinEventOf<'joined'> | JoinEventOf<'changed'> | JoinEventOf<'left'>): Promise<void> {
    const { person } = event;
    if (person.isBot) return;
    const at = this.#at(event.atMs);
    if (event.type === 'left') {
      await personLeft(this.#tx, this.#of.botId, person.id, at);
    } else {
      const { id, name, isBot, speaks, prefers, agent } = person;
      const told = this.#of.isRecorded ? { told: 'recorded' } : {};
      const seen = { participantId: id, name, isBot, speaks, prefers, agent, ...told };
      await seePerson(this.#tx, this.#of.botId, seen, at);
    }
    if (event.type === 'changed') return;
    this.#announce(`participant.${event.type}`, { participant: { id: person.id, name: person.name }, at });
  }

  async #words(events: readonly BotEvent[]): Promise<void> {
    const captions = events.filter((event) => event.type === 'caption').filter(({ final }) => final);
    if (captions.length === 0) return;
    const erased = await this.#erasedUntil();
    const kept: NewSegment[] = captions
      .filter(({ speakerId, startMs }) => this.#at(startMs).getTime() > (erased.get(speakerId) ?? -Infinity))
      .map(({ mark, cutReason, interruption, ...caption }) => ({
        seq: caption.seq,
        caption: {
          ...caption,
          ...(mark === undefined ? {} : { mark }),
          ...(cutReason === undefined ? {} : { cutReason }),
          ...(interruption === undefined ? {} : { interruption }),
        },
      }));
    await insertSegments(this.#tx, this.#of, kept);
    if (!(await this.#areCaptionsWanted())) return;
    for (const { caption } of kept) {
      if (caption.kind !== 'speech') continue;
      const { segmentId, turnId, speakerId, speakerName } = caption;
      const { sourceLanguage, sourceText, targetLanguage, translatedText } = caption;
      this.#announce('caption.final', {
        caption: {
          ...{ segmentId, turnId, speakerId, speakerName },
          ...{ sourceLanguage, sourceText, targetLanguage, translatedText },
        },
      });
    }
  }

  /** What becomes of a note of the agent; one that somebody changed by hand is changed again, and one that is gone stays so. */
  async #note(event: JoinEventOf<'note'>): Promise<void> {
    const { botId, workspaceId, epoch } = this.#of;
    const { what, id, kind, text, who = null, due = null } = event;
    if (what === 'removed') await deleteNote(this.#tx, workspaceId, id);
    else if (what === 'changed') await updateNote(this.#tx, workspaceId, id, { kind, text, who, due });
    else {
      const segmentId = event.turnId === undefined ? undefined : await this.#segmentOf(event.turnId);
      await insertNote(this.#tx, {
        ...{ id, botId, workspaceId, kind, text, who, due, by: 'agent', at: this.#at(event.noteAtMs) },
        ...(segmentId === undefined ? {} : { segmentEpoch: epoch, segmentId }),
      });
    }
  }

  /** What the agent does. Of what was done before words of somebody were erased the words are not kept: they may quote them. */
  async #toolCalls(events: readonly (JoinEventOf<'tool'> & { readonly seq: number })[]): Promise<void> {
    if (events.length === 0) return;
    const erased = await this.#erasedUntil();
    const lastErased = Math.max(-Infinity, ...erased.values());
    for (const { askedBy, result, ...event } of events) {
      const at = this.#at(event.atMs);
      const isBefore = (until = -Infinity): boolean => at.getTime() <= until;
      if (askedBy !== undefined && isBefore(erased.get(askedBy))) continue;
      const call = {
        ...event,
        ...(askedBy === undefined ? {} : { askedBy }),
        ...(isBefore(lastErased) ? { arguments: '' } : result === undefined ? {} : { result }),
      };
      const row = await keepToolCall(this.#tx, this.#of, call, at);
      if (call.what !== 'asking' || row === undefined) continue;
      const { callId, tool, level, arguments: args } = row;
      this.#announce('tool.approval_needed', { call: { callId, tool, arguments: args, level, askedBy, at } });
    }
  }

  async #segmentOf(turnId: string): Promise<string | undefined> {
    const { botId, epoch } = this.#of;
    const [segment] = await this.#tx
      .select({ segmentId: segments.segmentId })
      .from(segments)
      .where(and(eq(segments.botId, botId), eq(segments.epoch, epoch), eq(segments.turnId, turnId)))
      .orderBy(segments.seq)
      .limit(1);
    return segment?.segmentId;
  }

  /** Until when words of a person were erased, by their id, in milliseconds since 1970. */
  async #erasedUntil(): Promise<Map<string, number>> {
    const rows = await this.#tx
      .select({ id: people.participantId, at: people.wordsErasedAt })
      .from(people)
      .where(and(eq(people.botId, this.#of.botId), sql`${people.wordsErasedAt} is not null`));
    return new Map(rows.map(({ id, at }) => [id, at!.getTime()]));
  }

  async #areCaptionsWanted(): Promise<boolean> {
    const wanted = and(
      eq(webhooks.workspaceId, this.#of.workspaceId),
      sql`${webhooks.disabledAt} is null`,
      sql`'caption.final' = any(${webhooks.events})`,
    );
    return (await this.#tx.$count(webhooks, wanted)) > 0;
  }

  #announce(type: string, data: Readonly<Record<string, unknown>>): void {
    const { workspaceId, botId, about } = this.#of;
    this.#outgoing.push({ workspaceId, botId, type, data: { bot: about, ...data } });
  }

  #at(ms: number): Date {
    return new Date(this.#of.startedAt.getTime() + ms);
  }
}
