import type { Clock } from '../../clock.js';
import type { AgentAsk, AgentExtension, KnowledgeBlock } from '../built-in/agent-meeting.js';

/** What is known is waited for so long. */
const KNOWLEDGE_MS = 300;

/**
 * What extensions know before a question is answered, as far as it comes in time; `late` counts those that know nothing in time, or
 * fail. Never rejects.
 */
export async function knownBefore(
  ask: AgentAsk,
  extensions: readonly AgentExtension[],
  clock: Clock,
): Promise<{ readonly blocks: readonly KnowledgeBlock[]; readonly late: number }> {
  const sources = extensions.filter((extension) => extension.knowledgeFor !== undefined);
  if (sources.length === 0) return { blocks: [], late: 0 };
  const stop = new AbortController();
  const blocks: KnowledgeBlock[] = [];
  let failed = 0;
  let open = sources.length;
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(resolve, KNOWLEDGE_MS);
    const isOver = (): void => {
      open--;
      if (open > 0) return;
      timer.cancel();
      resolve();
    };
    for (const extension of sources) {
      void Promise.resolve()
        .then(() => extension.knowledgeFor!(ask, stop.signal))
        .then((found) => {
          if (!stop.signal.aborted) blocks.push(...found);
        })
        .catch(() => {
          failed++;
        })
        .finally(isOver);
    }
  });
  const late = failed + open;
  stop.abort();
  return { blocks: [...blocks], late };
}
