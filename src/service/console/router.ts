/** Where in the console somebody is, as the part of the address after `#`. Pure. */

/** Parts of the settings. */
export const SETTINGS_PARTS = ['keys', 'webhooks', 'workers', 'workspace', 'people', 'sign-in'] as const;
/** One part of the settings. */
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

/** Parts of what the agent works with. */
export const AGENT_PARTS = ['documents', 'tools', 'servers', 'secrets'] as const;
/** One part of what the agent works with. */
export type AgentPart = (typeof AGENT_PARTS)[number];

/** A place in the console. */
export type Route =
  | { readonly view: 'home' }
  | { readonly view: 'past'; readonly query: string; readonly language: string }
  | { readonly view: 'meeting'; readonly botId: string }
  | { readonly view: 'agent'; readonly part: AgentPart }
  | { readonly view: 'settings'; readonly part: SettingsPart; readonly problem?: string }
  | { readonly view: 'setup'; readonly token: string }
  | { readonly view: 'sign-in'; readonly problem: string; readonly token?: string }
  | { readonly view: 'nowhere' };

/** The place that an address leads to. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [first = '', second = '', ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return { view: 'nowhere' };
  const parameters = new URLSearchParams(query);
  switch (first) {
    case '':
      return { view: 'home' };
    case 'past':
      return { view: 'past', query: parameters.get('q') ?? '', language: parameters.get('language') ?? '' };
    case 'meeting':
      return /^bot_[\w-]{1,64}$/.test(second) ? { view: 'meeting', botId: second } : { view: 'nowhere' };
    case 'agent': {
      const part = AGENT_PARTS.find((each) => each === (second === '' ? 'documents' : second));
      return part === undefined ? { view: 'nowhere' } : { view: 'agent', part };
    }
    case 'settings': {
      const part = SETTINGS_PARTS.find((each) => each === (second === '' ? 'keys' : second));
      const problem = parameters.get('problem');
      if (part === undefined) return { view: 'nowhere' };
      return { view: 'settings', part, ...(problem === null ? {} : { problem }) };
    }
    case 'setup':
      return { view: 'setup', token: second };
    case 'sign-in':
      return {
        ...{ view: 'sign-in', problem: parameters.get('problem') ?? '' },
        ...(second === '' ? {} : { token: second }),
      };
    default:
      return { view: 'nowhere' };
  }
}

/** The address of a place. */
export function hashOf(route: Route): string {
  switch (route.view) {
    case 'home':
    case 'nowhere':
      return '#/';
    case 'past': {
      const parameters = new URLSearchParams();
      if (route.query !== '') parameters.set('q', route.query);
      if (route.language !== '') parameters.set('language', route.language);
      const query = parameters.toString();
      return `#/past${query === '' ? '' : `?${query}`}`;
    }
    case 'meeting':
      return `#/meeting/${route.botId}`;
    case 'agent':
      return `#/agent/${route.part}`;
    case 'settings':
      return `#/settings/${route.part}`;
    case 'setup':
      return `#/setup/${route.token}`;
    case 'sign-in': {
      const path = route.token === undefined ? '#/sign-in' : `#/sign-in/${encodeURIComponent(route.token)}`;
      return route.problem === '' ? path : `${path}?problem=${encodeURIComponent(route.problem)}`;
    }
  }
}
