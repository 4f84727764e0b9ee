export * from './runtime';
export * from './services';
