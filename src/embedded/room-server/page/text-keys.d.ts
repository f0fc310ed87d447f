import type english from './texts/en.json' with { type: 'json' };

/** The names of the page's texts. */
export type TextKey = keyof typeof english;
