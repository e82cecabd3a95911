"""What a user of boto3 does; prints one JSON object of what it saw. The endpoint and the key come from the environment."""
import json
import os

import boto3
from botocore.exceptions import ClientError

# Releases before 1.28 do not read it themselves.
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]


def client(service):
    return boto3.client(service, endpoint_url=ENDPOINT)


seen = {}
seen["identity"] = client("sts").get_caller_identity()["Arn"]

s3 = boto3.resource("s3", endpoint_url=ENDPOINT)
bucket = s3.create_bucket(Bucket="from-boto3")
for number in range(5):
    bucket.put_object(Key=f"key {number}", Body=f"body {number}".encode(), Metadata={"number": str(number)})
pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket="from-boto3", PaginationConfig={"PageSize": 2})
seen["keys"] = [item["Key"] for page in pages for item in page["Contents"]]
got = bucket.Object("key 3").get()
seen["body"] = got["Body"].read().decode()
seen["metadata"] = got["Metadata"]
client("s3").get_waiter("object_exists").wait(Bucket="from-boto3", Key="key 4")
bucket.objects.delete()
bucket.delete()

codecommit = client("codecommit")
codecommit.create_repository(repositoryName="from-boto3")
put = codecommit.put_file(repositoryName="from-boto3", branchName="main", filePath="a/b.txt", fileContent=b"text", commitMessage="Put")
file = codecommit.get_file(repositoryName="from-boto3", filePath="a/b.txt")
seen["file"] = file["fileContent"].decode()
seen["same commit"] = file["commitId"] == put["commitId"]

codebuild = client("codebuild")
codebuild.create_project(
    name="from-boto3",
    source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: ['echo hello from boto3']}}\n"},
    artifacts={"type": "NO_ARTIFACTS"},
    environment={"type": "LINUX_CONTAINER", "image": "host", "computeType": "BUILD_GENERAL1_SMALL"},
    serviceRole="arn:aws:iam::000000000000:role/builds",
)
build_id = codebuild.start_build(projectName="from-boto3")["build"]["id"]
build = codebuild.batch_get_builds(ids=[build_id])["builds"][0]
while not build["buildComplete"]:
    build = codebuild.batch_get_builds(ids=[build_id])["builds"][0]
seen["build"] = build["buildStatus"]
pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=build["logs"]["groupName"])
messages = [event["message"].strip() for page in pages for event in page["events"]]
seen["printed"] = [message for message in messages if message == "hello from boto3"]

ssm = client("ssm")
for number in range(3):
    ssm.put_parameter(Name=f"/boto3/{number}", Value=f"value {number}", Type="SecureString")
pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/boto3", WithDecryption=True, PaginationConfig={"PageSize": 2})
seen["parameters"] = [parameter["Value"] for page in pages for parameter in page["Parameters"]]
try:
    ssm.get_parameter(Name="/boto3/absent")
except ssm.exceptions.ParameterNotFound:
    seen["no parameter"] = True

secrets = client("secretsmanager")
secrets.create_secret(Name="from-boto3", SecretBinary=b"\x00bytes")
secrets.put_secret_value(SecretId="from-boto3", SecretString="text")
seen["secret"] = secrets.get_secret_value(SecretId="from-boto3")["SecretString"]
seen["former secret"] = secrets.get_secret_value(SecretId="from-boto3", VersionStage="AWSPREVIOUS")["SecretBinary"].decode("latin-1")
try:
    secrets.get_secret_value(SecretId="absent")
except secrets.exceptions.ResourceNotFoundException as error:
    seen["no secret"] = error.response["Error"]["Message"]

try:
    client("codepipeline").get_pipeline(name="absent")
except ClientError as error:
    seen["error"] = error.response["Error"]["Code"]

print(json.dumps(seen))
