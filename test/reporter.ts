import type { Reporter, TestModule } from 'vitest/node';

/** Prints the closing line `N passed, N failed` after the reporter of vitest. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const brokenModules = modules.filter((module) => module.state() === 'failed' && [...module.children.allTests()].length === 0).length;
    const failed = tests.filter((test) => test.result().state === 'failed').length + brokenModules;
    process.once('exit', () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
  }
}
