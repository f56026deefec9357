import { fetchEngines } from './engines.ts';

/** Before all tests on engines. */
export default (): Promise<void> => fetchEngines();
