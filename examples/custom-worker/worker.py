#!/usr/bin/env python3
"""A job worker for a custom action of CodePipeline: it counts the words of a zipped source.

It asks for jobs, does them one after the other, and reports. Nothing in it is particular to Pipewright: without AWS_ENDPOINT_URL
it works against AWS. Run it as often as you like, on as many machines: each job goes to one worker.
"""

import io
import sys
import time
import zipfile

import boto3

ACTION_TYPE = {"category": "Test", "owner": "Custom", "provider": "WordCount", "version": "1"}


def s3_of(data):
    """S3 with the job's own credentials: they reach its artifacts and nothing else."""
    key = data["artifactCredentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=key["accessKeyId"],
        aws_secret_access_key=key["secretAccessKey"],
        aws_session_token=key["sessionToken"],
    )


def count(data):
    """The words in all text files of the input artifact that end as the action's setting says."""
    place = data["inputArtifacts"][0]["location"]["s3Location"]
    body = s3_of(data).get_object(Bucket=place["bucketName"], Key=place["objectKey"])["Body"].read()
    suffix = data["actionConfiguration"]["configuration"]["Suffix"]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in archive.namelist() if name.endswith(suffix)]
        return sum(len(archive.read(name).split()) for name in names), len(names)


def work(codepipeline, job):
    data = job["data"]
    words, files = count(data)
    print(f"{job['id']}: {words} words in {files} files", flush=True)
    least = int(data["actionConfiguration"]["configuration"].get("Least", "0"))
    if words < least:
        details = {"type": "JobFailed", "message": f"{words} words are fewer than {least}"}
        codepipeline.put_job_failure_result(jobId=job["id"], failureDetails=details)
        return
    codepipeline.put_job_success_result(
        jobId=job["id"],
        executionDetails={"summary": f"{words} words in {files} files", "percentComplete": 100},
        outputVariables={"Words": str(words)},
    )


def attempt(codepipeline, job):
    try:
        work(codepipeline, job)
    except codepipeline.exceptions.InvalidJobStateException:
        raise
    except Exception as error:  # whatever went wrong, the pipeline is told
        details = {"type": "JobFailed", "message": f"{type(error).__name__}: {error}"[:1000]}
        codepipeline.put_job_failure_result(jobId=job["id"], failureDetails=details)


def main(once):
    codepipeline = boto3.client("codepipeline")
    while True:
        jobs = codepipeline.poll_for_jobs(actionTypeId=ACTION_TYPE, maxBatchSize=1)["jobs"]
        for job in jobs:
            try:
                codepipeline.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
                attempt(codepipeline, job)
            except (codepipeline.exceptions.InvalidNonceException, codepipeline.exceptions.InvalidJobStateException) as error:
                print(f"{job['id']}: no longer mine ({error})", flush=True)  # another worker has it, or the action is over
            if once:
                return
        if not jobs:
            time.sleep(1)


if __name__ == "__main__":
    main(once="--once" in sys.argv)
