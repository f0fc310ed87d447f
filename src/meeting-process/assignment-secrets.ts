import type { MeetingAssignment } from './protocol.js';

/** Everything of an assignment that must stand in no line of a log. */
export function secretsOf({
  platform,
  backend,
}: Pick<MeetingAssignment, 'platform' | 'backend'>): readonly string[] {
  const { credentials } = platform;
  const ofPlatform =
    credentials.kind === 'keys' ? [credentials.apiKey, credentials.secret] : [credentials.token];
  switch (backend.kind) {
    case 'openai':
      return [...ofPlatform, backend.apiKey, backend.safetySecret ?? ''];
    case 'azure': {
      const { authorization } = backend;
      return [
        ...ofPlatform,
        authorization.kind === 'key' ? authorization.apiKey : authorization.clientSecret,
      ];
    }
    case 'server':
      return [...ofPlatform, backend.key ?? ''];
    case 'embedded':
      return [...ofPlatform, backend.key];
  }
}
