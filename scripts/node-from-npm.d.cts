export function nodeFromNpm(major: number | string | undefined): string;
