/** Which engine interprets a recording. Pure. */
import { ParleyError } from '../../errors.js';
import { chooseEngine, type EngineDecision } from '../../interpreter/plan/engine.js';
import { CONVERSATION_ONLY } from '../../meeting/routes/route-engine.js';
import type { ReplaySettings } from '../settings.js';

/**
 * The engine by the settings of a run; nothing but its language is asked of it. Throws ParleyError `usage` where the
 * translate engine was asked for and does not speak the target.
 */
export function recordingEngine({
  to,
  engines = CONVERSATION_ONLY,
}: Pick<ReplaySettings, 'to' | 'engines'>): EngineDecision {
  const { asked, missing: unfit, outputLanguages } = engines;
  const decision = chooseEngine({
    ...{ asked, to, twoWay: false, writesOnly: false, needs: [], unfit, outputLanguages },
  });
  if (asked !== 'auto' && decision.engine !== asked)
    throw new ParleyError('usage', `${decision.reason}: use --engine conversation, or auto`);
  return decision;
}
