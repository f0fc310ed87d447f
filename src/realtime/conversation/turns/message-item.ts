/** A message of the user, as the item that a client adds to the conversation. */
export function messageItem(id: string, text: string) {
  return { id, ...userMessage(text) };
}

/** The same in the input of a response, where it is no item of the conversation. */
export function userMessage(text: string) {
  const content = [{ type: 'input_text' as const, text }];
  return { type: 'message' as const, role: 'user' as const, content };
}
