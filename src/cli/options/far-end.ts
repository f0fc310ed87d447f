/** Who interprets what is replayed: the embedded server, a server, or what was kept of one. */
import { Option } from 'commander';
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import type { PriceTable } from '../../cost/prices.js';
import { EMBEDDED_MODEL } from '../../embedded/realtime-server/index.js';
import type { ResponderName } from '../../embedded/responder.js';
import { ParleyError } from '../../errors.js';
import { offerAll } from '../../realtime/connection-backend.js';
import type { SpeechOffer } from '../../realtime/speech-backend.js';
import type { BackendSettings } from '../../replay/settings.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import type { CliIo } from '../io.js';
import { serverOf } from './backend.js';
import { pricesOf } from './budget.js';

/** Flags that say who interprets. */
export type FarEndFlags = {
  live?: boolean;
  url?: string;
  model?: string;
  insecure?: boolean;
  responder?: ResponderName;
  cassette?: string;
  saveCassette?: string;
  pace?: 'realtime' | 'max';
};

/** The options of {@link FarEndFlags}, but for those of settings, and cassettes: these are a file or a folder. */
export function farEndOptions(): Option[] {
  return [
    new Option('--live', 'use the OpenAI API, with OPENAI_API_KEY, or Azure OpenAI (--provider)'),
    new Option('--insecure', 'allow ws:// to another machine'),
    new Option('--responder <name>', 'what the embedded server says (default: phrasebook)').choices([
      'phrasebook',
      'echo',
    ]),
    new Option(
      '--pace <pace>',
      'max is as fast as possible, on the embedded server and cassettes only',
    ).choices(['realtime', 'max']),
  ];
}

/** Whether a server on the network interprets. Throws ParleyError `usage` for flags that do not go together. */
export function checkFarEnd(flags: FarEndFlags): boolean {
  const usage = (message: string): ParleyError => new ParleyError('usage', message);
  const network = flags.live === true || flags.url !== undefined;
  const { cassette, saveCassette, responder } = flags;
  if (flags.live === true && flags.url !== undefined)
    throw usage('--live is OpenAI or Azure: give --live or --url, not both');
  if (cassette !== undefined && network)
    throw usage('--cassette needs no server: leave out --live and --url');
  if (cassette !== undefined && saveCassette !== undefined)
    throw usage('--cassette replays and --save-cassette records: give one of them');
  if (responder !== undefined && (network || cassette !== undefined))
    throw usage('--responder belongs to the embedded server: leave out --live, --url and --cassette');
  if (flags.model !== undefined && !network && cassette === undefined)
    throw usage('--model needs a server: add --live or --url');
  if (flags.pace === 'max' && network)
    throw usage('a server keeps its own time: --pace max is for the embedded server and cassettes');
  return network;
}

/** The other end of the connection, what it offers, and its prices where something is billed. */
type FarEnd = { backend: BackendSettings; offer: SpeechOffer; prices: PriceTable | undefined };

/** The other end that the flags mean. `network`: see {@link checkFarEnd}. */
export async function farEndOf(
  flags: FarEndFlags,
  loaded: LoadedSettings,
  io: CliIo,
  network: boolean,
): Promise<FarEnd> {
  const { process } = loaded;
  const meeting: MeetingSettings = loaded.meeting;
  const listed = pricesOf(process);
  if (network) {
    const server = await serverOf(flags, loaded, io);
    const speech = server.open();
    return { backend: { kind: 'server', ...server }, offer: speech.offer(meeting), prices: speech.prices };
  }
  const offer = offerAll(EMBEDDED_MODEL)(meeting);
  if (flags.cassette !== undefined)
    return {
      backend: { kind: 'cassette', path: flags.cassette, prices: listed },
      offer,
      prices: undefined,
    };
  // Prices for the embedded interpreter are there to try a budget with.
  const prices = meeting.budgetUsd === undefined ? undefined : listed;
  const { responder = 'phrasebook' } = flags;
  return { backend: { kind: 'embedded', responder, ...(prices && { prices }) }, offer, prices };
}
