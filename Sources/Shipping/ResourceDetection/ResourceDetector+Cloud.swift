import SpanKitPlatform
import SpanKitRecording

extension ResourceDetector {
    /// The attributes of the cloud service that runs the process, from its environment variables; none elsewhere.
    static func cloudAttributes(_ system: SystemFiles) -> [(String, AttributeValue?)] {
        let variable = system.variable
        func text(_ name: String) -> AttributeValue? { variable(name).map { .string($0) } }
        func integer(_ name: String) -> Int64? { variable(name).flatMap { Int64($0) } }
        func cloud(_ provider: AttributeValue, _ platform: AttributeValue) -> [(String, AttributeValue?)] {
            [("cloud.provider", provider), ("cloud.platform", platform)]
        }
        if variable("AWS_LAMBDA_FUNCTION_NAME") != nil {
            let memory = integer("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").map { $0.multipliedReportingOverflow(by: 1 << 20) }
            return cloud("aws", "aws_lambda") + [
                ("cloud.region", text("AWS_REGION")), ("faas.name", text("AWS_LAMBDA_FUNCTION_NAME")),
                ("faas.version", text("AWS_LAMBDA_FUNCTION_VERSION")),
                ("faas.instance", text("AWS_LAMBDA_LOG_STREAM_NAME")),
                ("faas.max_memory", memory.flatMap { $0.overflow ? nil : .int($0.partialValue) }),
            ]
        }
        if variable("ECS_CONTAINER_METADATA_URI_V4") != nil || variable("ECS_CONTAINER_METADATA_URI") != nil {
            let type = variable("AWS_EXECUTION_ENV").flatMap { name in
                ["AWS_ECS_FARGATE": "fargate", "AWS_ECS_EC2": "ec2"][name]
            }
            return cloud("aws", "aws_ecs") + [
                ("cloud.region", text("AWS_REGION")), ("aws.ecs.launchtype", type.map { .string($0) }),
            ]
        }
        // Knative sets the same variable in a pod of any cluster.
        if variable("K_SERVICE") != nil, !system.isInPod {
            return cloud("gcp", "gcp_cloud_run") + [
                ("faas.name", text("K_SERVICE")), ("faas.version", text("K_REVISION")),
            ]
        }
        if variable("CLOUD_RUN_JOB") != nil {
            return cloud("gcp", "gcp_cloud_run") + [
                ("faas.name", text("CLOUD_RUN_JOB")), ("gcp.cloud_run.job.execution", text("CLOUD_RUN_EXECUTION")),
                ("gcp.cloud_run.job.task_index", integer("CLOUD_RUN_TASK_INDEX").map { .int($0) }),
            ]
        }
        if variable("CONTAINER_APP_NAME") != nil {
            return cloud("azure", "azure.container_apps") + [
                ("cloud.region", text("REGION_NAME")),
                ("service.name", text("CONTAINER_APP_NAME")),
                ("service.version", text("CONTAINER_APP_REVISION")),
                ("service.instance.id", text("CONTAINER_APP_REPLICA_NAME")),
            ]
        }
        if variable("WEBSITE_SITE_NAME") != nil {
            let isFunction = variable("FUNCTIONS_EXTENSION_VERSION") != nil
            return cloud("azure", isFunction ? "azure.functions" : "azure.app_service") + [
                ("cloud.region", text("REGION_NAME")),
                (isFunction ? "faas.name" : "service.name", text("WEBSITE_SITE_NAME")),
                (isFunction ? "faas.instance" : "service.instance.id", text("WEBSITE_INSTANCE_ID")),
            ]
        }
        if variable("HEROKU_APP_ID") != nil {
            return [
                ("cloud.provider", "heroku"), ("heroku.app.id", text("HEROKU_APP_ID")),
                ("service.name", text("HEROKU_APP_NAME")), ("service.instance.id", text("HEROKU_DYNO_ID")),
                ("service.version", text("HEROKU_RELEASE_VERSION")),
                ("heroku.release.commit", text("HEROKU_SLUG_COMMIT")),
                ("heroku.release.creation_timestamp", text("HEROKU_RELEASE_CREATED_AT")),
            ]
        }
        // OpenTelemetry has no names for these two providers.
        if variable("FLY_APP_NAME") != nil {
            return [
                ("cloud.region", text("FLY_REGION")), ("service.name", text("FLY_APP_NAME")),
                ("service.instance.id", text("FLY_MACHINE_ID")),
            ]
        }
        if variable("RENDER") != nil {
            return [
                ("service.name", text("RENDER_SERVICE_NAME")), ("service.instance.id", text("RENDER_INSTANCE_ID")),
                ("vcs.ref.head.revision", text("RENDER_GIT_COMMIT")),
            ]
        }
        return []
    }
}
