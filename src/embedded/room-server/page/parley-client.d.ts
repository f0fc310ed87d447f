/** The room server serves the built `./client` of this package under this name. */
export * from '../../../client/index.js';
