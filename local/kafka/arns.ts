/** ARNs of what is in an MSK cluster: `…:topic/<cluster>/<id>/<name>`, `…:group/<cluster>/<id>/<name>`. */
const inCluster = (clusterArn: string, kind: string, name: string): string => `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;

export const topicArn = (clusterArn: string, topic: string): string => inCluster(clusterArn, 'topic', topic);
export const groupArn = (clusterArn: string, group: string): string => inCluster(clusterArn, 'group', group);
