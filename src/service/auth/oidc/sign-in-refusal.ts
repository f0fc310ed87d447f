/** Why somebody could not sign in by a provider: the console says it in the reader's language. */
export const SIGN_IN_REFUSALS = [
  /** The provider does not answer, or says that it cannot now. */
  'unavailable',
  /** The provider knows us otherwise than we know it: somebody who runs the service must look. */
  'misconfigured',
  /** It took too long, was begun in another window, or the code was used. */
  'expired',
  /** They said no at the provider. */
  'cancelled',
  /** The answer does not belong to this sign-in, or is not the provider's. */
  'untrusted',
  /** The provider has not verified their address. */
  'unverified',
  /** Nobody with this address is expected. */
  'not_allowed',
  /** Their address belongs to another account of the provider. */
  'other_account',
  /** Somebody else here has this account of the provider. */
  'in_use',
  /** An administrator switched them off. */
  'disabled',
  /** There is no owner yet. */
  'not_set_up',
  'too_many',
] as const;
/** One reason. */
export type SignInRefusalCode = (typeof SIGN_IN_REFUSALS)[number];

/** Thrown where somebody cannot sign in. The message is for the log: it holds neither codes nor tokens nor claims. */
export class SignInRefusal extends Error {
  readonly code: SignInRefusalCode;

  constructor(code: SignInRefusalCode, message: string) {
    super(message);
    this.name = 'SignInRefusal';
    this.code = code;
  }
}
