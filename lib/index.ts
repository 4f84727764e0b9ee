export * from './contract/rotation-mode';
export * from './rotation-window';
export * from './sp-api-application';
export * from './sp-api-region';
export * from './sp-api-rehearsal';
export * from './sp-api-secret-rotation';
