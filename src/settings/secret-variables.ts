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
  'STREAM_API_KEY',
  'STREAM_API_SECRET',
  'STREAM_USER_TOKEN',
  'PARLEY_API_KEY',
  'PARLEY_DATABASE',
  'PARLEY_SERVICE_SECRET',
  'PARLEY_OIDC_CLIENT_SECRET',
  'FASTINO_API_KEY',
];

const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Every key and token of an environment, for `redactText`. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): string[] {
  return [
    ...SECRET_VARIABLES.flatMap((variable) => environment[variable] ?? []),
    ...PROXY_VARIABLES.flatMap((variable) => passwordsIn(environment[variable])),
  ];
}

/** A password in an address, as it is written there and as it is meant. */
function passwordsIn(address: string | undefined): string[] {
  const password = /^(?:[a-z\d+.-]+:\/\/)?[^:@/]*:([^@/]+)@/i.exec(address ?? '')?.[1];
  if (password === undefined) return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    return [password]; // a lone percent sign
  }
}
