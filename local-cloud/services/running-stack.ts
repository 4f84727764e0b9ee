interface LoggedLine {
  readonly text: string;
  readonly at: number;
  readonly environment: string;
}

export interface RunningFunction {
  readonly name: string;
  readonly arn: string;
  readonly configuration: {
    readonly environment: Readonly<Record<string, string>>;
    readonly logGroupName: string;
  };
  readonly logs: readonly LoggedLine[];
  /** How many invocations it may process at one time; `undefined`: as many as the account. 0 stops it. */
  reservedConcurrency: number | undefined;
}

export interface RunningMapping {
  readonly id: string;
  readonly settings: { readonly queueArn: string; readonly batchSize: number; readonly target: RunningFunction };
  enabled: boolean;
}

interface RunningSchedule {
  readonly name: string;
  readonly arn: string;
  readonly groupArn: string;
  readonly enabled: boolean;
  readonly targetArn: string;
}

/** A running stack, as command-line tools see it. */
export interface RunningStack {
  readonly identity: { readonly stackName: string; readonly stackId: string };
  readonly outputs: Readonly<Record<string, string>>;
  readonly outputDescriptions: Readonly<Record<string, string | undefined>>;
  readonly resources: ReadonlyMap<string, { readonly logicalId: string; readonly ref: string; readonly type: string }>;
  readonly functions: ReadonlyMap<string, RunningFunction>;
  readonly aliases: ReadonlyMap<string, { readonly name: string; readonly functionArn: string }>;
  readonly mappings: ReadonlyMap<string, RunningMapping>;
  readonly schedules: ReadonlyMap<string, RunningSchedule>;
  invoke(
    functionArn: string,
    payload: unknown,
    options: { readonly qualifier?: string },
  ): Promise<{ readonly functionError?: string; readonly rawPayload: string }>;
  delete(): Promise<void>;
}
