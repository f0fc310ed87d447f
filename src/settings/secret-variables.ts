/** Environment variables that hold keys, tokens and secrets. */
export const SECRET_VARIABLES: readonly string[] = [
  'OPENAI_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'AZURE_CLIENT_SECRET',
  'PARLEY_REALTIME_KEY',
  'VIDEOSDK_AUTH_TOKEN',
  'VIDEOSDK_API_KEY',
  'VIDEOSDK_SECRET_KEY',
  'VIDEOSDK_SECRET',
  'FASTINO_API_KEY',
];

/** Every key and token of an environment, for `redactText`. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): string[] {
  return SECRET_VARIABLES.flatMap((variable) => environment[variable] ?? []);
}
