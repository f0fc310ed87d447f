/** The tool by which the agent answers from documents. */
import { z } from 'zod';
import type { MakeAgentExtension } from '../built-in/agent-meeting.js';
import { agentTool } from '../tools/tool.js';

const MAX_HITS = 4;
const MAX_QUERIES = 4;
/** The results of a call are cut at 4,000 characters in all. */
const MAX_TEXT_CHARS = 800;

/** A passage for the model. Texts are untrusted. */
export type FoundPassage = {
  readonly source: string;
  readonly language?: string | undefined;
  readonly text: string;
};

/** Finds passages: a library of documents here, or one in another process. */
export type SearchPassages = (
  queries: readonly string[],
  options: { limit: number; signal: AbortSignal },
) => Promise<readonly FoundPassage[]>;

/** Makes it for one meeting. */
export function documentsExtension(search: SearchPassages): MakeAgentExtension {
  return () => ({
    tools: [
      agentTool(
        {
          name: 'search_documents',
          description:
            'Finds passages in the documents of this team. Ask with the words that a document would use. Documents may be in other ' +
            'languages than the question: give the same question in each language that they may be in. Answer only from what is ' +
            'found, and name its source.',
          parameters: z.object({
            questions: z.array(z.string().trim().min(1).max(300)).min(1).max(MAX_QUERIES),
          }),
          level: 'read',
        },
        async ({ questions }, { signal }) => {
          const found = await search(questions, { limit: MAX_HITS, signal });
          if (found.length === 0) return 'Nothing was found in the documents.';
          return found.map(({ source, language, text }) => ({
            source,
            ...(language === undefined ? {} : { language }),
            text: text.slice(0, MAX_TEXT_CHARS),
          }));
        },
      ),
    ],
  });
}
