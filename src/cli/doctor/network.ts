/** Checks of the way to services: proxies, and what OpenAI says of its models. */
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';
import { loadProxies } from '../../outgoing/proxies.js';
import { endWords } from '../../realtime/providers/models.js';
import type { Provider } from '../../realtime/providers/providers.js';
import { note, ok, problem, type Finding } from './finding.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The fields of OpenAI's list of models that matter here; a day, or seconds since 1970. */
const modelsSchema = z.object({
  data: z.array(
    z.object({ id: z.string(), shutdown_date: z.union([z.string(), z.number()]).nullish().catch(undefined) }),
  ),
});

/** Where no service is set up: one that the environment's NO_PROXY hardly names. */
const ANY_ADDRESS = 'https://api.openai.com';

/** Which proxy the environment names for each of these addresses. Nothing is asked: each service says itself what fails. */
export async function checkProxies(addresses: readonly string[]): Promise<Finding> {
  try {
    const proxyFor = await loadProxies();
    const through = new Map<string, string[]>();
    const direct: string[] = [];
    for (const address of addresses) {
      const { host } = new URL(address);
      const proxy = proxyFor(address);
      if (proxy === undefined) direct.push(host);
      else {
        const way = `${proxy.host} (${proxy.variable})`;
        through.set(way, [...(through.get(way) ?? []), host]);
      }
    }
    if (through.size === 0) {
      const proxy = addresses.length === 0 ? proxyFor(ANY_ADDRESS) : undefined;
      return note(
        proxy === undefined
          ? 'none is used; set HTTPS_PROXY where the network needs one'
          : `${proxy.host} (${proxy.variable}), for the services that are set up: none is yet`,
      );
    }
    const ways = [...through].map(([way, hosts]) => `${way} for ${hosts.join(', ')}`);
    const others = direct.length === 0 ? '' : `; ${direct.join(', ')} directly`;
    return ok(`${ways.join('; ')}${others}. Media goes past it, by UDP`);
  } catch (error) {
    return problem(error instanceof ParleyError ? error.message : messageOf(error));
  }
}

/** Which of these models OpenAI itself says it will shut down; `fallback` where it does not say, or cannot be asked. */
export async function checkModels(
  provider: Provider,
  models: readonly string[],
  { epochMs, fallback }: { epochMs: number; fallback: readonly string[] },
): Promise<Finding> {
  const days = provider.name === 'openai' ? await shutDownDays(provider) : undefined;
  const told = models.flatMap((model) => {
    const day = days?.get(model);
    return day === undefined ? [] : [endWords(model, day, epochMs)];
  });
  const lines = told.length > 0 ? told : fallback;
  const source = days === undefined ? '' : ', as the service says';
  if (lines.length > 0) return note(lines.join('; ') + (told.length > 0 ? source : ''));
  return ok(`no end is announced of ${models.join(', ')}`);
}

/** Days by model, as `2027-01-20`; undefined where the service does not tell. */
async function shutDownDays({ conversation }: Provider): Promise<ReadonlyMap<string, string> | undefined> {
  const url = new URL(conversation.url);
  url.protocol = url.protocol === 'ws:' ? 'http:' : 'https:';
  url.pathname = url.pathname.replace(/\/realtime\/?$/, '/models');
  url.search = '';
  try {
    const response = await outgoingFetch(url, {
      headers: { ...conversation.headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) return undefined;
    const text = await response.text();
    if (text.length > MAX_ANSWER_BYTES) return undefined;
    const { data } = modelsSchema.parse(JSON.parse(text));
    const days = new Map<string, string>();
    for (const { id, shutdown_date: given } of data) {
      const day = dayOf(given);
      if (day !== undefined) days.set(id, day);
    }
    return days;
  } catch {
    return undefined; // the Realtime check says what is wrong with the way there
  }
}

function dayOf(given: string | number | null | undefined): string | undefined {
  if (given == null) return undefined;
  const date = new Date(typeof given === 'number' ? given * 1_000 : given);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}
