/** The names of the page's texts. */
export type TextKey = keyof typeof import('./texts/en.json', { with: { type: 'json' } });
