import type { MeetingAssignment } from './protocol.js';

/** Everything of an assignment that must stand in no line of a log. */
export function secretsOf({
  platform: { credentials },
  backend,
  agent,
}: Pick<MeetingAssignment, 'platform' | 'backend' | 'agent'>): readonly string[] {
  return [
    ...(credentials.kind === 'keys' ? [credentials.apiKey, credentials.secret] : [credentials.token]),
    ...secretsOfBackend(backend),
    ...Object.values(agent?.secrets ?? {}),
  ];
}

function secretsOfBackend(backend: MeetingAssignment['backend']): readonly string[] {
  switch (backend.kind) {
    case 'openai':
      return [backend.apiKey, backend.safetySecret ?? ''];
    case 'azure': {
      const { authorization } = backend;
      return [authorization.kind === 'key' ? authorization.apiKey : authorization.clientSecret];
    }
    case 'server':
      return [backend.key ?? ''];
    case 'embedded':
      return [backend.key];
  }
}
