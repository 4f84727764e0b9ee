export function essenceOf(description: string): string {
  return description;
}
