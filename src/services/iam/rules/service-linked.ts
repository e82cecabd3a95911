/** The part of a service-linked role's name that stands for its service. Each service has chosen its own spelling. */
const NAMES: Readonly<Record<string, string>> = {
  'autoscaling.amazonaws.com': 'AutoScaling',
  'codestar-notifications.amazonaws.com': 'CodeStarNotifications',
  'codedeploy.amazonaws.com': 'CodeDeploy',
  'ecs.amazonaws.com': 'ECS',
  'ecs.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_ECSService',
  'elasticloadbalancing.amazonaws.com': 'ElasticLoadBalancing',
  'events.amazonaws.com': 'CloudWatchEvents',
  'replication.ecr.amazonaws.com': 'ECRReplication',
};

/** The name of the role that a service uses in every account; undefined for services that we know nothing of. */
export function serviceLinkedName(service: string, suffix: string | undefined): string | undefined {
  if (!Object.hasOwn(NAMES, service)) return undefined;
  return `AWSServiceRoleFor${NAMES[service]}${suffix === undefined ? '' : `_${suffix}`}`;
}

export function serviceLinkedTrust(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}
