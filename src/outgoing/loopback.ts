const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Whether the `hostname` of a URL is this machine. */
export function isLoopbackHostname(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
