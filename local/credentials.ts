/** Fixed credentials of the local run: whoever reaches loopback may use them. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Name of the local run's deployment, in the names of its resources and parameters. */
export const localEnv = 'local';

/** Below this path of the local run's origin operators reach its AWS. */
export const operatorsPath = '/local/aws';
