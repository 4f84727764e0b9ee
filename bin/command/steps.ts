import { printable } from './printable';

/** One step of what takes a while. */
export interface Step {
  readonly title: string;
  /** Returns a line that says how it ended. `progress` tells lines on the way. */
  readonly run: (progress: (line: string) => void) => Promise<string>;
}

/** Performs the steps one after the other, up to the first that throws, and shows each: nothing where JSON is wanted. */
export async function perform(steps: readonly Step[], { json }: { readonly json: boolean }): Promise<void> {
  // Some terminals do not tell how wide they are, and the display would break every line.
  if (!json && process.stdout.isTTY && process.stdout.columns > 0) {
    await display(steps);
    return;
  }
  // Whoever wants JSON gets nothing else on the standard output.
  const tell = (line: string): void => (json ? undefined : console.log(printable(line)));
  for (const { title, run } of steps) {
    tell(title);
    tell(`  ${await run((line) => tell(`  ${line}`))}`);
  }
}

async function display(steps: readonly Step[]): Promise<void> {
  const { Listr, PRESET_TIMER } = await import('listr2');
  const tasks = new Listr(
    steps.map(({ title, run }) => ({
      title,
      task: async (_context: unknown, task: { output: unknown }): Promise<void> => {
        task.output = printable(await run((line) => (task.output = printable(line))));
      },
      rendererOptions: { persistentOutput: true, outputBar: Infinity },
    })),
    {
      renderer: 'default',
      // What failed is said once, on the error output.
      rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: false },
      // It would end the process before this command says how things stand.
      registerSignalListeners: false,
    },
  );
  await tasks.run();
}
