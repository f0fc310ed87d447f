import { LitElement } from 'lit';
import { onTextLanguage } from './texts.js';

/**
 * What every part of the console is made of: it renders into the page itself, where one style sheet and the ids of labels
 * reach it, and again when the texts change.
 */
export abstract class View extends LitElement {
  readonly #ends: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.whileHere(onTextLanguage(() => this.requestUpdate()));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#ends.splice(0)) end();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Calls `end` when the element is taken from the page. */
  protected whileHere(end: () => void): void {
    this.#ends.push(end);
  }

  /** Calls `callback` every so often while the element and the page are seen. */
  protected every(ms: number, callback: () => void): void {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') callback();
    }, ms);
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') callback();
    };
    document.addEventListener('visibilitychange', onVisible);
    this.whileHere(() => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
    });
  }
}
