import { Learning } from './briefing/learning.js';
import { MeetingCaptions } from './captions/meeting-captions.js';
import type { MeetingOptions } from './meeting-options.js';
import type { MeetingContext, MeetingPart } from './meeting-part.js';
import { LanguageGuide } from './people/language-guide.js';
import { LanguageRequests } from './people/language-requests.js';
import type { MeetingCore } from './meeting-core.js';
import { OtherInterpreters } from './people/other-interpreters.js';
import { TranslationGuard } from './routes/translation-guard.js';
import { TurnScreening } from './routes/turn-screening.js';
import { JoinAnnouncement } from './speaking/join-announcement.js';

/** The parts that every meeting has, and those that its options ask for. */
export type StandardParts = {
  readonly captions: MeetingCaptions;
  readonly guard: TranslationGuard;
  /** Undefined where nothing is learnt. */
  readonly learning: Learning | undefined;
  /** All of them, in no particular order. */
  readonly all: readonly MeetingPart[];
};

/** Makes the parts of a meeting, but for those that its host attaches. */
export function createStandardParts(
  meeting: MeetingContext,
  options: MeetingOptions,
  { audioInput, channels }: Pick<MeetingCore, 'audioInput' | 'channels'>,
): StandardParts {
  const { announcement, company, briefing: { profiles } = {} } = options;
  const captions = new MeetingCaptions(meeting, options.captions);
  const guard = new TranslationGuard(meeting);
  const screening = new TurnScreening({
    clock: meeting.clock,
    interjections: audioInput.interjections,
    copies: audioInput,
    backchannelMaxMs: () => channels.settings.backchannelMaxMs ?? 0,
    interrupt: (speakerId) => {
      channels.interrupt(speakerId);
    },
  });
  const learning = profiles?.learn === true ? new Learning(meeting, profiles) : undefined;
  const people = [new LanguageGuide(meeting), new LanguageRequests(meeting), new OtherInterpreters(meeting)];
  const all: MeetingPart[] = [captions, guard, screening, ...people];
  if (learning !== undefined) all.push(learning);
  if (announcement !== undefined) all.push(new JoinAnnouncement(meeting, announcement, company));
  return { captions, guard, learning, all };
}
