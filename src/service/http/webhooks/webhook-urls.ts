import { type PostGuard, urlProblem } from '../../webhooks/guarded-post.js';
import { Problem } from '../problem.js';

/** Throws Problem `invalid_request` that names every address that no webhook can have. */
export function checkWebhookUrls(
  webhooks: readonly { readonly url: string }[],
  guard: PostGuard,
  pathOf: (index: number) => string = (index) => `webhooks[${index}].url`,
): void {
  const errors = webhooks.flatMap(({ url }, index) => {
    const problem = urlProblem(url, guard);
    return problem === undefined ? [] : [{ path: pathOf(index), problem, code: 'not_public' as const }];
  });
  const [first] = errors;
  if (first !== undefined)
    throw new Problem('invalid_request', `${first.path}: ${first.problem}`, { errors });
}
