/**
 * Names that every JavaScript object has without being given them, such as `toString`. Code that keeps a table in a plain
 * object finds, under such a key, something that all objects of the process share.
 */
export const INHERITED_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether a plain object already has something of this name. */
export function isInheritedName(name: string): boolean {
  return INHERITED_NAMES.has(name);
}
