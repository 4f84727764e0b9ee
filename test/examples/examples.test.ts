import { readdirSync, readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');

const apps = readdirSync(EXAMPLES).filter((name) => existsSync(path.join(EXAMPLES, name, 'app.ts')));

test('there are the examples that the README names', () => {
  expect(apps).toEqual(
    expect.arrayContaining(['existing-secret', 'larger-stack', 'notify-only', 'one-application', 'ten-applications']),
  );
});

describe.each(apps)('example %s', (name) => {
  async function stacks(): Promise<Stack[]> {
    const { app } = (await import(path.join(EXAMPLES, name, 'app.ts'))) as { app: App };
    return app.node.children.filter((child) => Stack.isStack(child));
  }

  test('synthesizes, with a queue to register', async () => {
    const templates = (await stacks()).map((stack) => Template.fromStack(stack));
    expect(templates).not.toEqual([]);
    templates[0]?.hasOutput('*', {
      Description: Match.stringLikeRegexp('^Register this ARN in the Developer Console'),
    });
  });

  test('has no warnings', async () => {
    for (const stack of await stacks()) {
      expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    }
  });

  test('says in some ten lines what it shows', () => {
    const lines = readFileSync(path.join(EXAMPLES, name, 'README.md'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length).toBeLessThanOrEqual(16);
  });
});
