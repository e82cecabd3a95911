import { errors, type CreateFleetInput, type ScalingConfigurationInput } from '../api.gen.ts';
import { validateTags } from './tags.ts';

/** A fleet as somebody has set it. */
export type FleetSettings = Omit<CreateFleetInput, 'name'>;

const invalid = (message: string) => errors.InvalidInputException(message);

/** Throws InvalidInputException. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateFleet.html */
export function validateFleet(settings: FleetSettings): void {
  validateTags(settings.tags);
  const { baseCapacity, computeType, computeConfiguration: compute, scalingConfiguration: scaling, vpcConfig, fleetServiceRole } = settings;
  if (baseCapacity < 1) throw invalid('Invalid fleet: base capacity must be at least 1');
  if (computeType === 'ATTRIBUTE_BASED_COMPUTE' && !compute)
    throw invalid('Invalid fleet: compute configuration is required for compute type ATTRIBUTE_BASED_COMPUTE');
  if (computeType === 'CUSTOM_INSTANCE_TYPE' && compute?.instanceType === undefined)
    throw invalid('Invalid fleet: an instance type is required for compute type CUSTOM_INSTANCE_TYPE');
  if (scaling) validateScaling(scaling, baseCapacity);
  if (vpcConfig && fleetServiceRole === undefined) throw invalid('Invalid fleet: a fleet service role is required for a VPC');
}

function validateScaling({ scalingType, targetTrackingScalingConfigs = [], maxCapacity }: ScalingConfigurationInput, base: number): void {
  if (scalingType === undefined && targetTrackingScalingConfigs.length > 0)
    throw invalid('Invalid scaling configuration: a scaling type is required');
  if (scalingType !== undefined && maxCapacity === undefined) throw invalid('Invalid scaling configuration: max capacity is required');
  if (maxCapacity !== undefined && maxCapacity < base)
    throw invalid('Invalid scaling configuration: max capacity must not be less than base capacity');
}

/** Builds at once: a fleet that scales has room for as many as it may grow to. */
export function capacityOf({ baseCapacity, scalingConfiguration: scaling }: FleetSettings): number {
  return scaling?.scalingType === undefined ? baseCapacity : Math.max(baseCapacity, scaling.maxCapacity ?? 0);
}
