export * from './amazon';
export * from './runtime';
export * from './services';
