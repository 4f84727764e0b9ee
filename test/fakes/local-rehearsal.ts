import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bringUp, CloudWatch, MovableClock, startServices, type LocalStack, type Services } from 'local-cloud';

/** Real milliseconds between two looks at the clock, the queues and the alarms. */
const TICK = 100;

/** A rehearsal in the local cloud: its queues are polled, CloudWatch evaluates its alarms, and time passes faster. */
export class LocalRehearsal {
  /**
   * @param synthesize makes the app
   * @param speed how many seconds pass in one
   * @param stackName needed if the app has several stacks
   */
  static async open(
    synthesize: (outdir: string) => { synth(): { readonly directory: string } },
    speed: number,
    stackName?: string,
  ): Promise<LocalRehearsal> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'local-rehearsal-'));
    const clock = new MovableClock();
    const services = await startServices({ clock });
    const assemblyDirectory = synthesize(outdir).synth().directory;
    const stack = await bringUp({ assemblyDirectory, ...(stackName !== undefined && { stackName }), services, clock });
    return new LocalRehearsal(outdir, clock, services, stack, speed);
  }

  private readonly cloudWatch: CloudWatch;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly outdir: string,
    readonly clock: MovableClock,
    readonly services: Services,
    readonly stack: LocalStack,
    speed: number,
  ) {
    this.cloudWatch = new CloudWatch(stack, services, clock);
    stack.startPolling();
    this.timer = setInterval(() => {
      clock.advance((speed - 1) * TICK);
      this.evaluate();
    }, TICK);
  }

  /** What CloudWatch does each minute. */
  private evaluate(): void {
    if (!this.services.stacks.has(this.stack)) {
      return;
    }
    this.cloudWatch.sample();
    const now = this.cloudWatch.states;
    for (const { name, state } of this.services.alarms.list()) {
      const found = now.get(name) ?? state;
      if (found !== state) {
        this.services.alarms.setState(name, found, 'evaluated');
      }
    }
  }

  /** @throws if something was called that is not emulated */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.stack.stop();
    await this.services.stop();
    rmSync(this.outdir, { recursive: true, force: true });
    const faults = [...this.services.refused, ...this.stack.refusedConnections];
    if (faults.length > 0) {
      throw new Error(`refused: ${faults.join('; ')}`);
    }
  }
}
