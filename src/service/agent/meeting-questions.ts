/** Answers what agents of meetings look up, each in the workspace of its own bot. */
import type { DocumentLibrary } from '../../agent/documents/document-library.js';
import { passagesOf } from '../../agent/documents/search/passages.js';
import type { Database } from '../../database/database.js';
import { MAX_FOUND_CHARS } from '../../meeting-process/questions.js';
import { isOver } from '../../records/store/bot-states.js';
import { findBotById } from '../../records/store/bots.js';
import { search } from '../../records/store/search.js';
import type { AnswerQuestion } from '../../supervisor/open-questions.js';

/** A process whose claim is lost is not answered. */
export function meetingQuestions({
  database,
  documentsOf,
}: {
  readonly database: Database;
  readonly documentsOf: (workspaceId: string) => Pick<DocumentLibrary, 'search'>;
}): AnswerQuestion {
  return async (botId, epoch, question, signal) => {
    const bot = await findBotById(database.orm, botId);
    if (bot?.epoch !== epoch || isOver(bot.state)) throw new Error('another process has the meeting');
    const { limit } = question;
    switch (question.kind) {
      case 'documents': {
        const find = passagesOf(documentsOf(bot.workspaceId));
        const passages = await find(question.queries, { limit, signal });
        return {
          kind: 'documents',
          passages: passages.map(({ source, language, text }) => ({
            ...{ source: cut(source), text: cut(text) },
            ...(language === undefined ? {} : { language }),
          })),
        };
      }
      case 'meetings': {
        const query = { text: question.text, limit, forAgentOf: { botId, epoch } };
        const hits = await search(database.orm, bot.workspaceId, query);
        return {
          kind: 'meetings',
          hits: hits.map(({ in: place, meetingId, at, by, quote }) => ({
            ...{ in: place, meetingId, at: at.toISOString(), by: cut(by), text: cut(quote.text) },
          })),
        };
      }
    }
  };
}

function cut(text: string): string {
  return text.slice(0, MAX_FOUND_CHARS);
}
