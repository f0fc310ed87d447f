/** Full-text search over what was said and noted, in any language, ranked here and not in the database. */
import { and, desc, eq, gte, inArray, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Orm } from '../../database/database.js';
import { bots, notes, people, segments } from '../../database/schema.js';
import { words } from '../../search/words.js';
import { beginningOf, isBeginning, type Quote, quoteOf, scores } from '../../search/ranking.js';
import { SEGMENT_COLUMNS } from './segments.js';

/** What is ranked at most: of more, the newest. */
const MAX_CANDIDATES = 500;
const MAX_QUERY_WORDS = 16;

export type SearchQuery = {
  text: string;
  in?: readonly ('transcripts' | 'notes')[];
  /** A BCP 47 tag: what was said in this language, or translated into it. */
  language?: string;
  /** When it was said: from `from` on, before `to`. */
  from?: Date;
  to?: Date;
  botId?: string;
  /** For the agent of this process of a bot: without the words of those who keep them from agents, and what it knows by itself. */
  forAgentOf?: { botId: string; epoch: number };
  limit?: number;
};

export type SearchHit = {
  in: 'transcripts' | 'notes';
  botId: string;
  meetingId: string;
  at: Date;
  /** Of a segment: who said it. Of a note: who wrote it. */
  by: string;
  /** Of a note. */
  noteId?: string;
  /** Of a segment: where it is. */
  segment?: { epoch: number; segmentId: string; speakerId: string };
  quote: Quote;
  /** Of the same search, the best has the largest. */
  score: number;
};

/** What is ranked: of hundreds, the few that are shown are read in full afterwards. */
type Candidate = {
  botId: string;
  at: Date;
  tokens: string;
  noteId?: string;
  segment?: { epoch: number; segmentId: string };
};
type Ranked = Candidate & { score: number };

/**
 * What fits best, the best first: what has all words of the query before what has some of them. Empty where the query has no
 * word.
 */
export async function search(orm: Orm, workspaceId: string, query: SearchQuery): Promise<SearchHit[]> {
  const asked = [...new Set(words(query.text))].slice(0, MAX_QUERY_WORDS);
  if (asked.length === 0) return [];
  const limit = query.limit ?? 20;
  const places = query.in ?? ['transcripts', 'notes'];
  const find = async (operator: '&' | '|'): Promise<Candidate[]> => {
    const wanted = sql`${asked.map(lexemeOf).join(` ${operator} `)}::tsquery`;
    return [
      ...(places.includes('transcripts') ? await inSegments(orm, workspaceId, query, wanted) : []),
      ...(places.includes('notes') ? await inNotes(orm, workspaceId, query, wanted) : []),
    ];
  };
  const full = ranked(asked, await find('&'));
  if (full.length >= limit || asked.length === 1) return hitsOf(orm, asked, full.slice(0, limit));
  const found = new Set(full.map(keyOf));
  const partly = ranked(asked, await find('|')).filter((hit) => !found.has(keyOf(hit)));
  return hitsOf(orm, asked, [...full, ...partly].slice(0, limit));
}

/** A word as the database reads it in a query. */
function lexemeOf(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'${isBeginning(word) ? ':*' : ''}`;
}

async function inSegments(
  orm: Orm,
  workspaceId: string,
  { language, from, to, botId, forAgentOf }: SearchQuery,
  wanted: SQL,
): Promise<Candidate[]> {
  const rows = await orm
    .select({
      botId: segments.botId,
      at: segments.startedAt,
      epoch: segments.epoch,
      segmentId: segments.segmentId,
      tokens: segments.tokens,
    })
    .from(segments)
    .where(
      and(
        eq(segments.workspaceId, workspaceId),
        sql`${segments.tsv} @@ ${wanted}`,
        botId === undefined ? undefined : eq(segments.botId, botId),
        from === undefined ? undefined : gte(segments.startedAt, from),
        to === undefined ? undefined : lt(segments.startedAt, to),
        language === undefined
          ? undefined
          : or(isIn(segments.sourceLanguage, language), isIn(segments.targetLanguage, language)),
        forAgentOf === undefined
          ? undefined
          : and(
              or(ne(segments.botId, forAgentOf.botId), ne(segments.epoch, forAgentOf.epoch)),
              sql`not exists (select 1 from ${people} where ${people.botId} = ${segments.botId}
                and ${people.participantId} = ${segments.speakerId} and ${people.consent} ->> 'agent' = 'false')`,
            ),
      ),
    )
    .orderBy(desc(segments.startedAt))
    .limit(MAX_CANDIDATES);
  return rows.map(({ epoch, segmentId, ...row }) => ({ ...row, segment: { epoch, segmentId } }));
}

async function inNotes(
  orm: Orm,
  workspaceId: string,
  { from, to, botId, forAgentOf }: SearchQuery,
  wanted: SQL,
): Promise<Candidate[]> {
  return orm
    .select({ botId: notes.botId, at: notes.at, noteId: notes.id, tokens: notes.tokens })
    .from(notes)
    .where(
      and(
        eq(notes.workspaceId, workspaceId),
        sql`${notes.tsv} @@ ${wanted}`,
        botId === undefined ? undefined : eq(notes.botId, botId),
        from === undefined ? undefined : gte(notes.at, from),
        to === undefined ? undefined : lt(notes.at, to),
        forAgentOf === undefined ? undefined : ne(notes.botId, forAgentOf.botId),
      ),
    )
    .orderBy(desc(notes.at))
    .limit(MAX_CANDIDATES);
}

/** Whether a column's tag is of the same language, whatever its region and writing. */
function isIn(column: AnyPgColumn, language: string): SQL {
  return sql`split_part(lower(${column}), '-', 1) = ${language.toLowerCase().split('-')[0]}`;
}

function ranked(asked: readonly string[], candidates: readonly Candidate[]): Ranked[] {
  const score = scores(
    asked,
    candidates.map(({ tokens }) => tokens.split(' ')),
  );
  return candidates
    .map((candidate, index) => ({ ...candidate, score: score[index]! }))
    .sort((a, b) => b.score - a.score || b.at.getTime() - a.at.getTime());
}

/** Reads what is to be shown of those that were found. */
async function hitsOf(orm: Orm, asked: readonly string[], found: readonly Ranked[]): Promise<SearchHit[]> {
  const full = new Map([...(await readSegments(orm, found)), ...(await readNotes(orm, found))]);
  return found.flatMap((each): SearchHit[] => {
    const read = full.get(keyOf(each));
    if (read === undefined) return []; // erased in this moment
    const { texts, ...facts } = read;
    return [{ ...facts, botId: each.botId, at: each.at, quote: quoteFrom(asked, texts), score: each.score }];
  });
}

type Read = Omit<SearchHit, 'botId' | 'at' | 'quote' | 'score'> & { texts: string[] };

async function readSegments(orm: Orm, found: readonly Candidate[]): Promise<[string, Read][]> {
  const wanted = found.flatMap(({ botId, segment }) =>
    segment === undefined
      ? []
      : [
          and(
            eq(segments.botId, botId),
            eq(segments.epoch, segment.epoch),
            eq(segments.segmentId, segment.segmentId),
          ),
        ],
  );
  if (wanted.length === 0) return [];
  const rows = await orm
    .select({ ...SEGMENT_COLUMNS, meetingId: bots.meetingId })
    .from(segments)
    .innerJoin(bots, eq(bots.id, segments.botId))
    .where(or(...wanted));
  return rows.map(({ botId, meetingId, speakerName, ...row }) => {
    const segment = { epoch: row.epoch, segmentId: row.segmentId, speakerId: row.speakerId };
    const texts = [row.sourceText, row.translatedText];
    return [keyOf({ botId, segment }), { in: 'transcripts', meetingId, by: speakerName, segment, texts }];
  });
}

async function readNotes(orm: Orm, found: readonly Candidate[]): Promise<[string, Read][]> {
  const ids = found.flatMap(({ noteId }) => noteId ?? []);
  if (ids.length === 0) return [];
  const rows = await orm
    .select({
      botId: notes.botId,
      meetingId: bots.meetingId,
      noteId: notes.id,
      by: notes.by,
      text: notes.text,
    })
    .from(notes)
    .innerJoin(bots, eq(bots.id, notes.botId))
    .where(inArray(notes.id, ids));
  return rows.map(({ botId, text, ...row }) => [
    keyOf({ botId, noteId: row.noteId }),
    { in: 'notes', ...row, texts: [text] },
  ]);
}

function quoteFrom(asked: readonly string[], texts: readonly string[]): Quote {
  for (const text of texts) {
    const quote = quoteOf(asked, text);
    if (quote !== undefined) return quote;
  }
  // Cut otherwise as a whole than in its place: the beginning shows what it is about.
  return beginningOf(texts.find((text) => text !== '') ?? '');
}

function keyOf({ botId, noteId, segment }: Pick<Candidate, 'botId' | 'noteId' | 'segment'>): string {
  return JSON.stringify([botId, noteId, segment?.epoch, segment?.segmentId]);
}
