/** Name and code of what a call throws; both undefined when it throws nothing. */
export function thrownBy(call: () => unknown): { readonly name?: string; readonly code?: string } {
  try {
    call();
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    return { ...(name === undefined ? {} : { name }), ...(code === undefined ? {} : { code }) };
  }
  return {};
}
